import assert from "node:assert/strict";
import { test } from "node:test";

const listeners = {};
const listen = (target) => ({ addEventListener: (name, call) => (listeners[`${target}:${name}`] = call) });
globalThis.window = listen("window");
globalThis.document = { ...listen("document"), hidden: false };
const { Pulse } = await import("../src/exam/pulse.js");
const { Refused, Unreachable } = await import("../src/exam/server.js");

class Room {
  sent = [];
  heard = [];
  fault = null;
  messages = null;

  constructor() {
    const server = {
      watch: (line) => (this.line = line),
      heartbeat: async (body) => {
        if (this.fault) throw this.fault;
        this.sent.push(structuredClone(body));
        return { deadline: "d", server_time: "t", messages: this.messages };
      },
    };
    this.pulse = new Pulse(server, 0, {
      epoch: () => 3,
      alive: (...what) => this.heard.push(what),
      messages: (list) => this.heard.push(list.length),
      refused: (error) => this.heard.push(error.code),
    });
    this.pulse.bind(listen("form"));
  }

  async beat() {
    await this.pulse.beat();
    return this.sent.at(-1);
  }
}

test("what happened is told once, without what was pasted, and again when the line was cut", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const room = new Room();
  listeners["form:paste"]({ clipboardData: { getData: () => "十个字的一段粘贴文字" } });
  room.fault = new Unreachable("cut");
  await room.beat();
  room.fault = null;
  assert.deepEqual(await room.beat(), { epoch: 3, messages: 0, events: [{ no: 1, kind: "paste", amount: 10 }] });
  assert.deepEqual((await room.beat()).events, []);
  room.line.lost();
  room.line.reached();
  assert.deepEqual((await room.beat()).events, [{ no: 2, kind: "reconnect", amount: 0 }]);
  room.pulse.stop();
});

test("a glance away of less than a second is nothing, a longer one is told when the person is back", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const room = new Room();
  const now = context.mock.method(performance, "now", () => 0);
  listeners["window:blur"]();
  now.mock.mockImplementation(() => 400);
  listeners["window:focus"]();
  listeners["window:blur"]();
  now.mock.mockImplementation(() => 95_400);
  listeners["window:focus"]();
  assert.deepEqual((await room.beat()).events, [{ no: 1, kind: "away", amount: 95 }]);
  room.pulse.stop();
});

test("messages are handed on when they come, a refusal goes to the page", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const room = new Room();
  room.messages = [{ id: "m" }];
  await room.beat();
  room.messages = null;
  assert.equal((await room.beat()).messages, 1);
  room.fault = new Refused(409, "opened_elsewhere");
  await room.beat();
  assert.deepEqual(room.heard, [["d", "t"], 1, ["d", "t"], "opened_elsewhere"]);
  room.pulse.stop();
});
