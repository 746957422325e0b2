import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalCopy } from "../src/exam/local-copy.js";

function shelf({ refuses = false } = {}) {
  const map = new Map();
  const ask = async (act) => {
    if (refuses) throw new Error("no disk");
    return act();
  };
  return {
    map,
    writes: 0,
    get: (key) => ask(() => map.get(key)),
    put(key, value) {
      this.writes += 1;
      return ask(() => map.set(key, structuredClone(value)));
    },
    remove: (key) => ask(() => map.delete(key)),
    keys: () => ask(() => [...map.keys()]),
  };
}

const answer = (value) => ({ epoch: 1, seq: 1, value });

test("what was written is read again, by position, and nothing of another attempt", async () => {
  const disk = shelf();
  await new LocalCopy("one", disk).write(new Map([[2, answer(["A"])]]));
  assert.deepEqual([...(await new LocalCopy("one", disk).read())], [[2, answer(["A"])]]);
  assert.equal((await new LocalCopy("other", disk).read()).size, 0);
});

test("of writes that come while one is under way only the newest is made, and it is made last", async () => {
  const disk = shelf();
  const copy = new LocalCopy("one", disk);
  for (const letter of ["A", "B", "C", "D"]) copy.write(new Map([[1, answer([letter])]]));
  await copy.write(new Map([[1, answer(["E"])]]));
  assert.deepEqual(disk.map.get("one").answers, [[1, answer(["E"])]]);
  assert.equal(disk.writes, 2);
});

test("forgetting leaves nothing, also when a write was under way", async () => {
  const disk = shelf();
  const copy = new LocalCopy("one", disk);
  copy.write(new Map([[1, answer(["A"])]]));
  await copy.forget();
  assert.equal(disk.map.size, 0);
});

test("a browser that keeps nothing breaks nothing", async () => {
  const copy = new LocalCopy("one", shelf({ refuses: true }));
  await copy.write(new Map([[1, answer(["A"])]]));
  assert.equal((await copy.read()).size, 0);
});

test("what another attempt left behind goes a day after it was written", async () => {
  const disk = shelf();
  let now = 0;
  const clock = () => now;
  await new LocalCopy("old", disk, clock).write(new Map([[1, answer(["A"])]]));
  now = 3_600_000;
  await new LocalCopy("young", disk, clock).write(new Map([[1, answer(["B"])]]));
  now = 86_400_000;
  const copy = new LocalCopy("mine", disk, clock);
  await copy.write(new Map([[1, answer(["C"])]]));
  await copy.read();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([...disk.map.keys()], ["young", "mine"]);
});

test("an ID number in an answer is not left in the browser, and what is sent keeps it for the server to strike", async () => {
  const disk = shelf();
  const pending = new Map([
    [1, answer("我的号码是110105 和11010519491231002X。")],
    [2, answer(["33010219800101001x", "甲"])],
    [4, answer("110105 19491231 002X，110105-19491231-002x；１１０１０５１９４９１２３１００２Ｘ")],
    [5, answer(["１１０１０５ １９４９１２３１ ００２Ｘ"])],
    [3, answer("流水号 123456789012345678901")],
  ]);
  await new LocalCopy("one", disk).write(pending);
  const kept = new Map(disk.map.get("one").answers);
  assert.equal(kept.get(1).value, "我的号码是110105 和***。");
  assert.deepEqual(kept.get(2).value, ["***", "甲"]);
  assert.equal(kept.get(4).value, "***,***;***");
  assert.deepEqual(kept.get(5).value, ["***"]);
  assert.equal(kept.get(3).value, "流水号 123456789012345678901");
  assert.equal(pending.get(1).value, "我的号码是110105 和11010519491231002X。");
});
