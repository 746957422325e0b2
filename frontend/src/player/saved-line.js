// What the line under the player says about saving, from what is acknowledged and what is not. Pure: {kind, text}.
import { clock, fill } from "./words.js";

const WORTH_SAYING_MS = 2_000;

// `savedMs` is the position of the last acknowledged beat, null before there was one; `durable` says that the browser keeps a copy.
export function savedLine({ live, failing, savedMs, pendingMs, owedMs, durable }, texts) {
  const seconds = Math.ceil(pendingMs / 1000);
  if (failing && seconds > 0) return { kind: "failing", text: fill(durable ? texts.textFailing : texts.textFailingAtRisk, { seconds }) };
  if (failing) return { kind: "failing", text: texts.textOffline };
  if (savedMs === null) return { kind: "idle", text: live ? texts.textRunning : texts.textIdle };
  const position = clock(savedMs);
  if (owedMs >= WORTH_SAYING_MS) return { kind: "waiting", text: fill(texts.textWaiting, { position, seconds: Math.ceil(owedMs / 1000) }) };
  return { kind: "saved", text: fill(texts.textSaved, { position }) };
}
