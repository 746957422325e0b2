// Mobile and ID numbers as people type them, in whatever width, script and grouping. The rules are the platform's own (lms/kernel/numbers.py), which
// has the last word; here they keep numbers out of addresses and out of what a browser stores.

const GAP = String.raw`[^\p{L}\p{N}]{0,12}`;
const SIGN = String.raw`[^\p{L}\p{N}]{0,3}`;
const IN_LINE = String.raw`[^\p{L}\p{N}\n]{0,3}`;
const [YEAR, MONTH, DATE] = ["(?:19[0-9]|20[0-2])[0-9]", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"];
const birthday = (gap) => `(?:0${gap}[1-9]|1${gap}[0-2])${gap}(?:0${gap}[1-9]|[12]${gap}[0-9]|3${gap}[01])`;
const PROVINCES = ["1[1-5]", "2[1-3]", "3[1-7]", "4[1-6]", "5[0-4]", "6[1-5]", "71", "8[12]"];
const province = (gap) => `(?:${PROVINCES.map((one) => `${one[0]}${gap}${one.slice(1)}`).join("|")})`;
const BIRTH = YEAR + MONTH + DATE;
const REST = `${BIRTH}${GAP}[0-9]{3}[0-9Xx]`;
// Solid; in three parts; with the day of birth written as a day; of fifteen digits, as cards had it until 1999.
const IN_PARTS = [
  `([1-8][0-9]{5}${REST})`,
  `(?<![0-9]{2})(?=((?:[1-8][0-9]{5}[^\\p{L}\\p{N}]{1,12}${REST}){1,99}))`,
  `(?<![0-9])([1-8][0-9]{5}${IN_LINE}${YEAR}([-./ _])${MONTH}\\2${DATE}${IN_LINE}[0-9]{3}[0-9Xx])(?![0-9]|\\.[0-9]|,[0-9]{3}(?![0-9]))`,
  `(?<![0-9])((?:${PROVINCES.join("|")})[0-9]{4}${SIGN}[0-9]{2}${MONTH}${DATE}${SIGN}[0-9]{3})(?![0-9])`,
  `(?<![0-9])(?<![0-9][.,])((?:${PROVINCES.join("|")})[0-9]{4}${IN_LINE}[0-9]{2}([-./ _])${MONTH}\\2${DATE}${IN_LINE}[0-9]{3})(?![0-9]|[.,][0-9])`,
].map((pattern) => new RegExp(pattern, "gu"));
const AT_WORK = "2011"; // days since then are days of ledgers and timetables rather than of birth
const DAY_BEFORE = new RegExp(`${BIRTH}[^\\p{L}\\p{N}]{1,3}$`, "u");
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
// In groups as people make them, with the same sign between all of them: days, times and amounts have changing ones.
const GROUPED = [
  `(?<![0-9])(?=([1-8](?:${GAP}[0-9]){5}${GAP}(?:1${GAP}9${GAP}[0-9]|2${GAP}0${GAP}[0-2])${GAP}[0-9]${GAP}${birthday(GAP)}(?:${GAP}[0-9]){3}${GAP}[0-9Xx])(?![0-9]))`,
  `(?<![0-9])(?=(${province(SIGN)}(?:${SIGN}[0-9]){6}${SIGN}${birthday(SIGN)}(?:${SIGN}[0-9]){3})(?![0-9]))`,
].map((pattern) => new RegExp(pattern, "gu"));
// All but the last two signs of one, and perhaps one of these.
const BEGUN = new RegExp(
  `(?<![0-9])(?=(${province(GAP)}(?:${GAP}[0-9]){4}${GAP}(?:1${GAP}9${GAP}[0-9]${GAP}[0-9]|2${GAP}0${GAP}(?:0${GAP}[0-9]|1${GAP}0))${GAP}${birthday(GAP)}(?:${GAP}[0-9]){2})(${GAP}[0-9])?)`,
  "gu",
);
const OWN_REST = { 1: /^[0-9Xx](?![0-9])/u, 2: /^[0-9][0-9Xx](?![0-9])/u }; // of its own, set apart: no row that goes on
const AMOUNT_BEHIND = /^(?:\s?[元块万亿分角台张件个人户套份名次辆箱吨斤页期号楼室岁]|\.[0-9]|,[0-9]{3}(?![0-9]))/u;
const ENDS = new Set([2, 3, 4, 6, 8, 10, 12, 13, 14, 15, 16, 17]); // after how many digits a group may end
const SIGNS = /[^\p{L}\p{N}]+/gu;
const DIGITS = 11; // a mobile number has as many; an ID number has more
const RUN = /([0-9](?:[^\p{L}\p{N}]*[0-9])*)(?:[^\p{L}\p{N}]{0,12}[Xx])?/gu; // an ID number may end with an X
const DAY = // in two or three parts, in eight digits, or a month in six, or a year
  "(?:(?:19|20)[0-9]{2}[-./][0-9]{1,2}(?:[-./][0-9]{1,2})?|(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])?)?)(?![0-9])";
const TIME = "[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?";
const PLACE = String.raw`(?:[0-9]{1,2}(?:[.、)][^\p{L}\p{N}]?|[^\p{L}\p{N}:_]{1,2}))`; // of a day in a list
const LISTED = String.raw`(?:[0-9]{1,2}[.、)][^\p{L}\p{N}]?)`; // of a time in a list
const BETWEEN = String.raw`(?!:)[^\p{L}\p{N}]`;
const BEHIND_DAYS = new RegExp(`^(?:${BETWEEN}[^\\p{L}\\p{N}]{0,2}(?:[0-9]{1,3}|[1-9][0-9]{3}))?$`, "u"); // how many hours, or which room
const SHORT_DAY = "(?:0?[1-9]|1[0-2])[-./](?:0[1-9]|[12][0-9]|3[01])(?![0-9])";
const sticky = (pattern) => new RegExp(pattern, "uy");
// What begins a row, what stands between and what goes on; between short days (11/27 8:30-11:30 11/28) never what stands within one.
const DAYS = [`${PLACE}?${DAY}|${LISTED}?${TIME}`, `${BETWEEN}[^\\p{L}\\p{N}]{0,4}`, `${PLACE}?${DAY}|[0-9]{1,2}[-./][0-9]{1,2}(?!:)|${LISTED}?${TIME}`].map(sticky);
const SHORT_DAYS = [SHORT_DAY, String.raw`[\s、,;~\u2013\u2014]{1,3}`, String.raw`${SHORT_DAY}|${TIME}(?:[-~\u2013\u2014]${TIME})?`].map(sticky);
const SMALL = String.raw`[0-9]{1,3}(?:\.[0-9]{1,2})?%?`;
const SMALLS = String.raw`${SMALL}(?:[-~\u2013\u2014]${SMALL})?`; // and from one to another
const AND = String.raw`[、,;][^\S\n]?`;
const FEW = new RegExp( // 第1、3、5、12题; 分机8001、8002、8003; 内线 601 602 603 604
  String.raw`^(?:${SMALLS}(?:${AND}${SMALLS})+|[1-9][0-9]{3}(?:${AND}[1-9][0-9]{3})+|[1-9][0-9]{2}(?:[^\S\n][1-9][0-9]{2})+)$`,
  "u",
);
const HAN_DIGITS = ["〇○◯零", "一壹壱弌幺〡", "二贰貳弍弐〢", "三叁參叄弎〣", "四肆亖〤", "五伍〥", "六陆陸〦", "七柒〧", "八捌〨", "九玖〩"];
const HAN = HAN_DIGITS.join("");
const HAN_RUN = new RegExp(String.raw`(?<![0-9])[0-9]*[${HAN}](?:\s{0,12}(?:[·._~\-\u2010-\u2015\u2212]\s{0,12})?[0-9${HAN}]){10,}`, "gu");
const ROW = new RegExp(String.raw`[0-9${HAN}](?:[^\p{L}\p{N}]*[0-9Xx${HAN}])*`, "gu"); // an X may end a number
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

const inDigits = (text) => text.replace(HAN_SIGN, (sign) => String(HAN_DIGITS.findIndex((signs) => signs.includes(sign))));

function plain(text) {
  return text
    .replace(/\p{No}/gu, (sign) => ` ${inside(sign)} `)
    .normalize("NFKC")
    .replace(/[×✕✖✗✘⨯☓❌╳ХхΧχ]/gu, "X")
    .replace(/[\u001c-\u001f\u0085\u115f\u1160\ufeff]/gu, " ")
    .replace(/\u30fc/gu, "-")
    .replace(/(?![0-9])\p{Nd}/gu, valueOf)
    .replace(HAN_RUN, (run) => (HAN_FOUR.test(run) ? inDigits(run) : run))
    .replace(/(?<=[0-9])[^\S\n]{3,}(?=[0-9])/gu, "  ");
}

// Step by step, each read in one way only: a row of times could be read in ways without end.
function onlyDays(run, rule) {
  const at = (pattern, from) => {
    pattern.lastIndex = from;
    return pattern.test(run) ? pattern.lastIndex : -1;
  };
  const [first, between, next] = rule;
  let end = at(first, 0);
  if (end < 0) return false;
  for (let gap = at(between, end); gap >= 0; gap = at(between, end)) {
    const further = at(next, gap);
    if (further < 0) break;
    end = further;
  }
  return BEHIND_DAYS.test(run.slice(end));
}

function mayBeAnybodys([run, digits]) {
  if (digits.replace(/[^0-9]/g, "").length < DIGITS) return false;
  return !(onlyDays(digits, DAYS) || onlyDays(digits, SHORT_DAYS) || FEW.test(digits)) || inDigitsOnly(run).length > 0;
}

/** Whether a text may hold somebody's mobile or ID number: eleven digits with whatever is no letter between them; days and lists of small numbers are none. */
export function holdsANumber(text) {
  const written = plain(text);
  return [...written.matchAll(RUN)].some(mayBeAnybodys) || inNumerals(written).length > 0;
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
  const alike = new Set(sizes.slice(0, -1)).size <= 1 && last - (last > 1 && /[Xx]$/.test(number)) <= first; // an X may be written to the digit before it
  const sure = alike || (ends.every((end) => ENDS.has(end)) && (today || ends.includes(6)));
  if (sure && today && [...signs].every((sign) => sign === "")) return true;
  const loose = gaps.length === 1 || (within.every((size) => size === 3 || size === 4) && [3, 4, 6].includes(first) && last <= 4);
  return (sure || loose) && !goesOn(written, start, number, gaps);
}

const checkSign = (digits) => "10X98765432"[WEIGHTS.reduce((all, weight, place) => all + weight * Number(digits[place]), 0) % 11];

// In parts, and with the day of birth of a child, a number has to be right and to stand by itself, for so do an amount, a day and another amount.
function somebodys(written, start, number) {
  const bare = number.replace(SIGNS, "").toUpperCase();
  if (bare.length < 18 || bare.slice(6, 10) < AT_WORK || /^[0-9]{14}/.test(number)) return true;
  const alone = !/[0-9]/.test(written.slice(Math.max(0, start - 1), start)) && !/[0-9]/.test(written.charAt(start + number.length));
  return checkSign(bare) === bare[17] && alone && !DAY_BEFORE.test(written.slice(Math.max(0, start - 13), start));
}

function inDigitsOnly(written) {
  const found = [];
  for (const pattern of [...IN_PARTS, ...GROUPED])
    for (const one of written.matchAll(pattern))
      if ((IN_PARTS.includes(pattern) || grouped(written, one.index, one[1])) && somebodys(written, one.index, one[1]))
        found.push([one.index, one.index + one[1].length]);
  return found;
}

// Of whatever grouping; of other numbers in Chinese numerals, few are anybody's.
function inNumerals(written) {
  const read = inDigits(written);
  return read === written ? [] : inDigitsOnly(read);
}

const idNumbers = (written) => [...inDigitsOnly(written), ...inNumerals(written)].sort(([one], [other]) => one - other);

function struck(written, places) {
  const parts = [];
  let end = 0;
  for (const [start, stop] of places) {
    if (start >= end) parts.push(written.slice(end, start), "***");
    end = Math.max(end, stop);
  }
  return parts.join("") + written.slice(end);
}

// With all digits that stand beside them, from letter to letter: numbers that went on from one that is struck already.
function wholeRows(written, places) {
  const rows = [...written.matchAll(ROW)];
  let row = 0;
  return places.map(([start]) => {
    while (row + 1 < rows.length && rows[row + 1].index <= start) row += 1;
    return [rows[row].index, rows[row].index + rows[row][0].length];
  });
}

function without(text, find) {
  const written = plain(text);
  const places = find(written);
  if (places.length === 0) return text;
  const left = struck(written, places);
  return struck(left, wholeRows(left, find(left)));
}

/** The text with what is written like an ID number struck out; one that holds none stays as it is. */
export function withoutIdNumbers(text) {
  return without(text, idNumbers);
}

function toBeOne(written, start, stop) {
  const number = written.slice(start, stop);
  const digits = number.replace(SIGNS, "");
  const gaps = number.match(SIGNS) ?? [];
  const [before, behind] = [written.slice(Math.max(0, start - 13), start), written.slice(stop, stop + 13)];
  const missing = 18 - digits.length;
  const amount = /[0-9][.,]$/.test(before) || AMOUNT_BEHIND.test(behind);
  const row = /^([^\p{L}\p{N}]{1,12})(?=[0-9])/u.exec(behind);
  const goesOnBehind = row !== null && gaps.includes(row[1]) && !OWN_REST[missing].test(written.slice(stop + row[0].length));
  if (gaps.length && (amount || goesOnBehind)) return false;
  const serial = "0".repeat(missing - 1);
  const last = serial + checkSign(digits + serial);
  const endings = [last, ...gaps.slice(-1).flatMap((gap) => [gap + last, gap + [...last].join(gap)])];
  const end = before.length + number.length;
  return endings.some((ending) =>
    inDigitsOnly(before + number + ending + behind).some(([from, to]) => from === before.length && to === end + ending.length),
  );
}

// Where numbers stand to which a last sign or two are still to be typed, which follow from the others, or nearly: whatever would be one with them.
// In parts, so do amounts around a day: these go on in a row, are counted, or have decimals.
function begun(written) {
  const places = [];
  for (const read of new Set([written, inDigits(written)]))
    for (const found of read.matchAll(BEGUN)) {
      const end = found.index + found[1].length;
      const ends = found[2] ? [end + found[2].length, end] : [end];
      const stop = ends.find((one) => !/[0-9]/.test(read.charAt(one)) && toBeOne(read, found.index, one));
      if (stop !== undefined) places.push([found.index, stop]);
    }
  return places.sort(([one], [other]) => one - other);
}

/** The same for what is kept while somebody types it: also with one that is all but typed. */
export function withoutTypedIdNumbers(text) {
  return without(withoutIdNumbers(text), begun);
}
