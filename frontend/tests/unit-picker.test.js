import assert from "node:assert/strict";
import { test } from "node:test";
import { mayBeAsked, statusOf } from "../src/unit-picker.js";

for (const text of ["杭州某公司工会", "第1234567890中学", "2026年第3届", "中铁 12 局 34 公司 5678 处"]) {
  test(`a unit is looked for by ${text}`, () => assert.ok(mayBeAsked(text)));
}

for (const text of ["", "13800001234", "11010519491231002X", "110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ", "王 138-0000-1234"]) {
  test(`"${text}" is never put into an address`, () => assert.ok(!mayBeAsked(text)));
}

test("what was found is told with its count", () => {
  const texts = { textNone: "没有", textFound: "{n} 个", textMore: "前 {n} 个" };
  assert.equal(statusOf(texts, 0, false), "没有");
  assert.equal(statusOf(texts, 3, false), "3 个");
  assert.equal(statusOf(texts, 20, true), "前 20 个");
});
