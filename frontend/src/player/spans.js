// Sets of media time: half-open spans [from, to) in whole milliseconds, sorted and apart from each other; the server's intervals.py says the same.

export function union(spans, gap = 0) {
  const joined = [];
  for (const [from, to] of spans.filter(([a, b]) => a < b).sort((one, two) => one[0] - two[0])) {
    const last = joined[joined.length - 1];
    if (last && from - last[1] <= gap) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

export function subtract(minuend, subtrahend) {
  const holes = union(subtrahend);
  const left = [];
  for (const [start, end] of union(minuend)) {
    let from = start;
    for (const [holeFrom, holeTo] of holes) {
      if (holeTo <= from) continue;
      if (holeFrom >= end) break;
      if (from < holeFrom) left.push([from, holeFrom]);
      from = Math.max(from, holeTo);
    }
    if (from < end) left.push([from, end]);
  }
  return left;
}

export function length(spans) {
  return union(spans).reduce((total, [from, to]) => total + to - from, 0);
}

export function within(spans, durationMs) {
  return union(spans.map(([from, to]) => [Math.max(0, from), Math.min(to, durationMs)]));
}

// The covered share by the rule of the server: gaps of a second are closed, a missing end of 3 seconds or 2 % is forgiven.
export function coverage(watched, durationMs) {
  const spans = union(within(watched, durationMs), 1000);
  if (spans.length === 0 || durationMs <= 0) return 0;
  const missing = durationMs - spans[spans.length - 1][1];
  const forgiven = missing <= Math.min(3000, Math.floor((durationMs * 2) / 100)) ? missing : 0;
  return (length(spans) + forgiven) / durationMs;
}

// What a person has not seen, without the crumbs that the server closes by itself.
export function unseen(watched, durationMs) {
  return subtract([[0, durationMs]], union(within(watched, durationMs), 1000)).filter(([from, to]) => to - from > 1000);
}

const NEAR_END_MS = 3000;

// Where to go on: the last position; from the end, the first part not seen yet, or the beginning when the lecture is done.
export function resumeAt(positionMs, watched, durationMs, completed) {
  if (positionMs < durationMs - Math.min(NEAR_END_MS, durationMs / 20)) return positionMs;
  return completed ? 0 : (unseen(watched, durationMs)[0]?.[0] ?? 0);
}
