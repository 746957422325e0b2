import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldWithANumber, holdsANumber } from "../src/number-guard.js";

for (const text of ["13812345678", "１３８１２３４５６７８", "138-1234-5678", "330102 19900307 1234", "33010219900307123X", "查 13812345678 的单位"])
  test(`"${text}" may be somebody's number`, () => assert.ok(holdsANumber(text)));

for (const text of ["", "杭州市总工会", "91330100MA2K3F4X5N", "2026-11-27", "0571 8888 88"])
  test(`"${text}" is looked for`, () => assert.ok(!holdsANumber(text)));

test("only what people type is looked at", () => {
  const number = "13812345678";
  const fields = [
    { type: "hidden", value: number },
    { type: "select-one", value: number },
    { type: "search", value: "工会" },
  ];
  assert.equal(fieldWithANumber(fields), null);
  const typed = { type: "text", value: number };
  assert.equal(fieldWithANumber([...fields, typed]), typed);
});
