// Mobile and ID numbers as people type them, in whatever width, script and grouping. The rules are the platform's own (lms/kernel/numbers.py), which
// has the last word; here they keep numbers out of addresses and out of what a browser stores.

const GAP = String.raw`[^\p{L}\p{N}]{0,12}`;
const SIGN = String.raw`[^\p{L}\p{N}]{0,3}`;
const IN_LINE = String.raw`[^\p{L}\p{N}\n]{0,3}`;
const [YEAR, MONTH, DATE] = ["(?:19[0-9]|20[0-2])[0-9]", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"];
const spaced = (gap) => `(?:0${gap}[1-9]|1${gap}[0-2])${gap}(?:0${gap}[1-9]|[12]${gap}[0-9]|3${gap}[01])(?:${gap}[0-9]){3}`;
const PROVINCES = ["1[1-5]", "2[1-3]", "3[1-7]", "4[1-6]", "5[0-4]", "6[1-5]", "71", "8[12]"];
const BIRTH = YEAR + MONTH + DATE;
const REST = `${BIRTH}${GAP}[0-9]{3}[0-9Xx]`;
// Solid; in three parts; with the day of birth written as a day; of fifteen digits, as cards had it until 1999.
const IN_PARTS = [
  `([1-8][0-9]{5}${REST})`,
  `(?<![0-9]{2})(?=((?:[1-8][0-9]{5}[^\\p{L}\\p{N}]{1,12}${REST})+))`,
  `(?<![0-9])(?<![0-9][.,])([1-8][0-9]{5}${IN_LINE}${YEAR}([-./ _])${MONTH}\\2${DATE}${IN_LINE}[0-9]{3}[0-9Xx])(?![0-9]|[.,][0-9])`,
  `(?<![0-9])((?:${PROVINCES.join("|")})[0-9]{4}${SIGN}[0-9]{2}${MONTH}${DATE}${SIGN}[0-9]{3})(?![0-9])`,
  `(?<![0-9])(?<![0-9][.,])((?:${PROVINCES.join("|")})[0-9]{4}${IN_LINE}[0-9]{2}([-./ _])${MONTH}\\2${DATE}${IN_LINE}[0-9]{3})(?![0-9]|[.,][0-9])`,
].map((pattern) => new RegExp(pattern, "gu"));
const AT_WORK = "2011"; // days since then are days of ledgers and timetables rather than of birth
const DAY_BEFORE = new RegExp(`${BIRTH}[^\\p{L}\\p{N}]{1,3}$`, "u");
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
// In groups as people make them, with the same sign between all of them: days, times and amounts have changing ones.
const GROUPED = [
  `(?<![0-9])(?=([1-8](?:${GAP}[0-9]){5}${GAP}(?:1${GAP}9${GAP}[0-9]|2${GAP}0${GAP}[0-2])${GAP}[0-9]${GAP}${spaced(GAP)}${GAP}[0-9Xx])(?![0-9]))`,
  `(?<![0-9])(?=((?:${PROVINCES.map((one) => `${one[0]}${SIGN}${one.slice(1)}`).join("|")})(?:${SIGN}[0-9]){6}${SIGN}${spaced(SIGN)})(?![0-9]))`,
].map((pattern) => new RegExp(pattern, "gu"));
const ENDS = new Set([2, 3, 4, 6, 8, 10, 12, 13, 14, 15, 16, 17]); // after how many digits a group may end
const SIGNS = /[^\p{L}\p{N}]+/gu;
const DIGITS = 11; // a mobile number has as many; an ID number has more
const RUN = /[0-9](?:[^\p{L}\p{N}]*[0-9])*/gu;
const DAY = // in two or three parts, in eight digits, or a year
  "(?:(?:19|20)[0-9]{2}[-./][0-9]{1,2}(?:[-./][0-9]{1,2})?|(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))?)(?![0-9])";
const TIME = "[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?";
const BETWEEN = String.raw`(?!:)[^\p{L}\p{N}]`;
const FIRST_DAY = new RegExp(String.raw`^(?:[0-9]{1,2}[.、)][^\p{L}\p{N}]?)?(?:${DAY}|${TIME})`, "u");
const NEXT_DAY = new RegExp(`${BETWEEN}[^\\p{L}\\p{N}]{0,4}(?:${DAY}|[0-9]{1,2}[-./][0-9]{1,2}|${TIME})`, "uy");
const HOURS = new RegExp(`^(?:${BETWEEN}[^\\p{L}\\p{N}]{0,2}[0-9]{1,2})?$`, "u");
const FEW = /^[0-9]{1,3}(?:\.[0-9]{1,2})?(?:[、,;][^\S\n]?[0-9]{1,3}(?:\.[0-9]{1,2})?)+$/u; // 第1、3、5、12题
const HAN = "〇○零一二三四五六七八九";
const HAN_RUN = new RegExp(String.raw`(?<![0-9])[0-9]*[${HAN}](?:\s{0,12}(?:[·._~\-\u2010-\u2015\u2212\uff0d]\s{0,12})?[0-9${HAN}]){10,}`, "gu");
const ENCIRCLED = [[0x2776, 1], [0x2780, 1], [0x278a, 1], [0x24f5, 1], [0x24ff, 0], [0x17f0, 0]]; // where a row of numbers without a plain form begins

const HAN_FOUR = new RegExp(`[${HAN}]{4}`, "u"); // a single one before digits ends a name
const HAN_SIGN = new RegExp(`[${HAN}]`, "gu");

const isDigit = (code) => /\p{Nd}/u.test(String.fromCodePoint(code));

// Decimal digits of a script stand in a row from zero to nine.
function valueOf(sign) {
  const code = sign.codePointAt(0);
  let value = 0;
  while (value < 9 && isDigit(code - value - 1)) value += 1;
  return String(value);
}

function inside(sign) {
  const code = sign.codePointAt(0);
  const row = ENCIRCLED.find(([first]) => code >= first && code < first + 10);
  return row ? String(code - row[0] + row[1]) : sign;
}

function plain(text) {
  return text
    .replace(HAN_RUN, (run) => (!HAN_FOUR.test(run) ? run : run.replace(HAN_SIGN, (sign) => String(Math.max(0, HAN.indexOf(sign) - 2)))))
    .replace(/\p{No}/gu, (sign) => ` ${inside(sign)} `)
    .normalize("NFKC")
    .replace(/[×✕✖✗✘⨯☓❌╳ХхΧχ]/gu, "X")
    .replace(/[\u001c-\u001f\u0085\u115f\u1160\ufeff]/gu, " ")
    .replace(/\u30fc/gu, "-")
    .replace(/(?![0-9])\p{Nd}/gu, valueOf)
    .replace(/(?<=[0-9])[^\S\n]{3,}(?=[0-9])/gu, "  ");
}

// Step by step, each read in one way only: a row of times could be read in ways without end.
function onlyDays(run) {
  const first = FIRST_DAY.exec(run);
  if (first === null) return false;
  let end = first[0].length;
  for (NEXT_DAY.lastIndex = end; NEXT_DAY.test(run); ) end = NEXT_DAY.lastIndex;
  return HOURS.test(run.slice(end));
}

function mayBeAnybodys(run) {
  if (run.replace(/[^0-9]/g, "").length < DIGITS) return false;
  return !(onlyDays(run) || FEW.test(run)) || idNumbers(run).length > 0;
}

/** Whether a text may hold somebody's mobile or ID number: eleven digits with whatever is no letter between them; days and lists of small numbers are none. */
export function holdsANumber(text) {
  return plain(text).match(RUN)?.some(mayBeAnybodys) ?? false;
}

function goesOn(written, start, number, gaps) {
  const before = /(?<=[0-9])([^\p{L}\p{N}]{1,12})$/u.exec(written.slice(Math.max(0, start - 13), start));
  const behind = /^([^\p{L}\p{N}]{1,12})(?=[0-9])/u.exec(written.slice(start + number.length, start + number.length + 13));
  return [before, behind].some((found) => found !== null && gaps.includes(found[1]));
}

function grouped(written, start, number) {
  const gaps = number.match(SIGNS) ?? [];
  const sizes = number.split(SIGNS).map((group) => group.length);
  let digits = 0;
  const ends = sizes.map((size) => (digits += size)).slice(0, -1);
  const today = digits === 18;
  const signs = new Set(gaps.map((gap) => gap.trim()));
  if (signs.size > 1) {
    const apart = today ? [6, 14] : [6, 12];
    const between = new Set(gaps.filter((_, place) => apart.includes(ends[place])).map((gap) => gap.trim()));
    if (between.size !== 1 || gaps.some((gap, place) => !apart.includes(ends[place]) && gap.trim())) return false;
  }
  const [first, last, within] = [sizes[0], sizes.at(-1), sizes.slice(1, -1)];
  const alike = new Set(sizes.slice(0, -1)).size <= 1 && last <= first;
  const sure = alike || (ends.every((end) => ENDS.has(end)) && (today || ends.includes(6)));
  if (sure && today && [...signs].every((sign) => sign === "")) return true;
  const loose = gaps.length === 1 || (within.every((size) => size === 3 || size === 4) && [3, 4, 6].includes(first) && last <= 4);
  return (sure || loose) && !goesOn(written, start, number, gaps);
}

// In parts, and with the day of birth of a child, a number has to be right and to stand by itself, for so do an amount, a day and another amount.
function somebodys(written, start, number) {
  const bare = number.replace(SIGNS, "").toUpperCase();
  if (bare.length < 18 || bare.slice(6, 10) < AT_WORK || /^[0-9]{14}/.test(number)) return true;
  const sum = WEIGHTS.reduce((all, weight, place) => all + weight * Number(bare[place]), 0);
  const alone = !/[0-9]/.test(written.slice(Math.max(0, start - 1), start)) && !/[0-9]/.test(written.charAt(start + number.length));
  return "10X98765432"[sum % 11] === bare[17] && alone && !DAY_BEFORE.test(written.slice(Math.max(0, start - 13), start));
}

function idNumbers(written) {
  const found = [];
  for (const pattern of [...IN_PARTS, ...GROUPED])
    for (const one of written.matchAll(pattern))
      if ((IN_PARTS.includes(pattern) || grouped(written, one.index, one[1])) && somebodys(written, one.index, one[1])) found.push([one.index, one[1]]);
  return found.sort(([one], [other]) => one - other);
}

/** The text with what is written like an ID number struck out; one that holds none stays as it is. */
export function withoutIdNumbers(text) {
  const written = plain(text);
  let struck = "";
  let end = 0;
  for (const [start, number] of idNumbers(written)) {
    if (start >= end) struck += `${written.slice(end, start)}***`;
    end = Math.max(end, start + number.length);
  }
  return end === 0 ? text : struck + written.slice(end);
}
