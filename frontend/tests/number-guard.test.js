import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fieldWithANumber } from "../src/number-guard.js";
import { holdsANumber, withoutIdNumbers, withoutTypedIdNumbers } from "../src/numbers.js";

const CASES = JSON.parse(readFileSync(new URL("../../tests/unit/kernel/numbers.json", import.meta.url), "utf8")); // the platform's own

for (const text of Object.keys(CASES.numbers))
  test(`"${text}" may be somebody's number`, () => assert.ok(holdsANumber(text)));

for (const text of Object.keys(CASES.no_numbers))
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

for (const text of Object.keys(CASES.id_numbers))
  test(`"${text}" is struck out`, () => assert.match(withoutIdNumbers(text), /\*\*\*/));

for (const text of Object.keys(CASES.no_id_numbers))
  test(`"${text}" stays as it is`, () => assert.equal(withoutIdNumbers(text), text));

for (const text of Object.keys(CASES.rows))
  test(`of "${text}" nothing is left`, () => {
    const left = withoutIdNumbers(text);
    assert.match(left, /\*\*\*/);
    assert.equal(withoutIdNumbers(left), left);
  });

for (const text of Object.keys(CASES.begun))
  test(`"${text}" is struck out while it is typed`, () => {
    assert.equal(withoutIdNumbers(text), text);
    assert.match(withoutTypedIdNumbers(text), /^身份证号\*\*\*([^0-9]*[0-9]){0,5}[^0-9]*$/);
  });

for (const text of Object.keys(CASES.not_begun))
  test(`"${text}" is nobody's number yet`, () => assert.equal(withoutTypedIdNumbers(text), text));

test("of a number nothing is left", () => assert.equal(withoutIdNumbers("1330106199003071234;330106 19900307 1234330106 19900307 1235"), "1***;***"));

test("a number struck out of an answer leaves its paragraphs", () =>
  assert.equal(withoutIdNumbers("第一段 110105194912310021。\n　　第二段。\n\n　　第三段。").match(/\n/g).length, 3));
