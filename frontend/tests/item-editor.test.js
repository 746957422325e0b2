import assert from "node:assert/strict";
import { test } from "node:test";
import { marked } from "../src/item-editor.js";

test("a mark goes around what is selected, and the cursor stays in it", () => {
  assert.deepEqual(marked("工会不是", 2, 3, "**|**"), { text: "工会**不**是", from: 4, to: 5 });
});

test("without a selection the cursor stands between the signs", () => {
  assert.deepEqual(marked("设", 1, 1, "$|$"), { text: "设$$", from: 2, to: 2 });
});

test("a table begins on a line of its own", () => {
  assert.equal(marked("设", 1, 1, "table", "甲 | 乙").text, "设\n甲 | 乙\n---|---\n");
  assert.equal(marked("", 0, 0, "table", "甲 | 乙").text, "甲 | 乙\n---|---\n");
});
