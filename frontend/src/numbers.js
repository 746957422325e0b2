// Mobile and ID numbers as people type them, in whatever width, script and grouping. The rules are the platform's own (lms/kernel/numbers.py), which
// has the last word; here they keep numbers out of addresses and out of what a browser stores.

const GAP = String.raw`[^\p{L}\p{N}]{0,12}`;
const DAY = `(?:0${GAP}[1-9]|1${GAP}[0-2])${GAP}(?:0${GAP}[1-9]|[12]${GAP}[0-9]|3${GAP}[01])`;
const GROUPED = `(?<![0-9])[1-8]${GAP}(?:[0-9]${GAP}){5}(?:1${GAP}9${GAP}[0-9]|2${GAP}0${GAP}[0-2])${GAP}[0-9]${GAP}${DAY}${GAP}(?:[0-9]${GAP}){3}[0-9Xx](?![0-9])`;
const WITHIN = `[1-8][0-9]{5}${GAP}(?:19[0-9]|20[0-2])[0-9]${GAP}(?:0[1-9]|1[0-2])${GAP}(?:0[1-9]|[12][0-9]|3[01])${GAP}[0-9]{3}[0-9Xx]`;
const SIGN = String.raw`[^\p{L}\p{N}]?`;
const SIGNS = String.raw`[^\p{L}\p{N}]{0,3}`;
const PROVINCE = `(?:1${SIGN}[1-5]|2${SIGN}[1-3]|3${SIGN}[1-7]|4${SIGN}[1-6]|5${SIGN}[0-4]|6${SIGN}[1-5]|7${SIGN}1|8${SIGN}[12])`;
const OLD = String.raw`(?<![0-9])(?<![0-9][^\p{L}\p{N}])` + `${PROVINCE}(?:${SIGN}[0-9]){4}${SIGNS}(?:[0-9]${SIGN}){2}(?:0${SIGN}[1-9]|1${SIGN}[0-2])${SIGN}(?:0${SIGN}[1-9]|[12]${SIGN}[0-9]|3${SIGN}[01])${SIGNS}[0-9](?:${SIGN}[0-9]){2}(?!${SIGN}[0-9])`;
const ID_NUMBERS = [WITHIN, GROUPED, OLD].map((pattern) => new RegExp(pattern, "gu"));
const DIGITS = 11; // a mobile number has as many; an ID number has more
const RUN = /[0-9](?:[^\p{L}\p{N}]*[0-9])*/gu;
const ONE_DAY = "(?:19|20)[0-9]{2}[-./][0-9]{1,2}[-./][0-9]{1,2}";
const TIME = "[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?";
const DAYS = new RegExp(`^(?:${ONE_DAY}|${TIME})(?:(?!:)[^\\p{L}\\p{N}]{1,3}(?:${ONE_DAY}|[0-9]{1,2}[-./][0-9]{1,2}|${TIME}))*$`, "u");
const HAN = "〇○零一二三四五六七八九";
const HAN_RUN = new RegExp(String.raw`(?<![0-9])[0-9]*[${HAN}](?:\s{0,12}(?:[·._~\-\u2010-\u2015\u2212\uff0d]\s{0,12})?[0-9${HAN}]){10,}`, "gu");
const ENCIRCLED = [[0x2776, 1], [0x2780, 1], [0x278a, 1], [0x24f5, 1], [0x24ff, 0]]; // where a row of numbers without a plain form begins

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
    .replace(/[\u115f\u1160\u30fc]/gu, " ")
    .replace(/(?![0-9])\p{Nd}/gu, valueOf)
    .replace(/(?<=[0-9])[^\S\n]{3,}(?=[0-9])/gu, "  ");
}

/** Whether a text may hold somebody's mobile or ID number: eleven digits with whatever is no letter between them; days are none. */
export function holdsANumber(text) {
  return plain(text).match(RUN)?.some((run) => run.replace(/[^0-9]/g, "").length >= DIGITS && !DAYS.test(run)) ?? false;
}

/** The text with what is written like an ID number struck out; one that holds none stays as it is. */
export function withoutIdNumbers(text) {
  const written = plain(text);
  const struck = ID_NUMBERS.reduce((told, pattern) => told.replace(pattern, "***"), written);
  return struck === written ? text : struck;
}
