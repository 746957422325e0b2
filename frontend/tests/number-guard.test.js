import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldWithANumber } from "../src/number-guard.js";
import { holdsANumber, withoutIdNumbers } from "../src/numbers.js";

for (const text of ["13812345678", "１３８１２３４５６７８", "138-1234-5678", "330102 19900307 1234", "33010219900307123X", "查 13812345678 的单位", "١٣٨١٢٣٤٥٦٧٨", "१३८१२३४५६७८", "一三八一二三四五六七八"])
  test(`"${text}" may be somebody's number`, () => assert.ok(holdsANumber(text)));

for (const text of ["", "杭州市总工会", "91330100MA2K3F4X5N", "2026-11-27", "0571 8888 88", "1925年5月1日至1927年4月12日", "2025年12月至2026年11月", "2026-11-27 2026-12-31", "2026-11-27 08:30-11:30、13:30-16:30", "8:30—11:30，14:00—17:00", "2026-11-27 —— 2026-12-31", "1. 2026-11-27 8:30-11:30", "2026-11-27 14:00-17:00，3 学时"])
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

for (const text of [
  "330106\u200b19900307\u200b123X", "330106+19900307+1234", "330106|19900307|1234", "330106\u00ad199003071234", "33010619900307123×",
  "33010619900307123Х", "1330106199003071234", "330106-19900307-12341", "330106 19900307 1234330106 19900307 1235", "٣٣٠١٠٦١٩٩٠٠٣٠٧١٢٣٤",
  "三三〇一〇六一九九〇〇三〇七一二三四", "一一〇一〇五 一九四九一二三一 〇〇二X", "一一〇一〇五－一九四九一二三一－〇〇二一", "一一〇一〇五    一九四九一二三一\n    〇〇二一", "一一○一○五一九四九一二三一○○二X", "110105一九四九一二三一002X",
  "❶❶⓿❶⓿❺❶❾❹❾❶❷❸❶⓿⓿❷X", "110105               19491231 002X", "330106\u316419900307\u31641234", "３３０１０６ １９９００３０７ １２３Ｘ", "33⓪10619900307123x".replace("⓪", "0"),
  "330106650307123", "330106 650307 123", "330106 - 650307 - 123", "３３０１０６６５０３０７１２３", "330106.65.03.07.123",
  "3 3 0 1 0 6 1 9 9 0 0 3 0 7 1 2 3 4", "3301 0619 9003 0712 34", "330106/1990-03-07/1234",
])
  test(`"${text}" is struck out`, () => assert.match(withoutIdNumbers(text).trim(), /^1?(\*\*\*)+1?( \*\*\*)?$/));

for (const text of ["二〇二六年十一月二十八日", "流水号 123456789012345678901", "共 12 项，合计 3,456.78 元；2026-11-28", "单号 202611281130500", "2026-11-27 14:30-17:00\n2026-11-28 08:30-11:30", "2026-11-27 14:30:15\n2026-11-28 08:30:15", "2025/01/14 98120.35 3470\n2025/01/15 1942.00 3471", "5. 84\n6. 195\n8. 191\n9. 171\n10. 162\n11. 20", "8:30-9:15\n9:25-10:10\n10:20-12:00\n12:20-13:05\n13:15-14:00", "330106651307123", "3301066503071234", "①②③④⑤⑥⑦⑧⑨⑩"])
  test(`"${text}" stays as it is`, () => assert.equal(withoutIdNumbers(text), text));

for (const text of ["1、110105491231002", "3,110105491231002,张三", "110105491231002 13800138000", "110105491231002，35岁", "110105491231002\n110105491231003"])
  test(`an old number is struck out of "${text}"`, () => assert.doesNotMatch(withoutIdNumbers(text), /491231/));

test("a number struck out of an answer leaves its paragraphs", () =>
  assert.equal(withoutIdNumbers("第一段 110105194912310021。\n　　第二段。\n\n　　第三段。").match(/\n/g).length, 3));
