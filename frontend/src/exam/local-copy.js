// Keeps answers that the server has not acknowledged in this browser, under the attempt's id; nothing else, and nothing once it is handed in.

const PREFIX = "lms.exam.";

// Returns a Map of position → { epoch, seq, value }; empty when the browser keeps nothing (private windows, full disks).
export function read(attempt) {
  try {
    return new Map(JSON.parse(localStorage.getItem(PREFIX + attempt) ?? "[]"));
  } catch {
    return new Map();
  }
}

export function write(attempt, pending) {
  try {
    if (pending.size) localStorage.setItem(PREFIX + attempt, JSON.stringify([...pending]));
    else localStorage.removeItem(PREFIX + attempt);
  } catch {
    // The answers are still in memory and on their way.
  }
}

export function forget(attempt) {
  write(attempt, new Map());
}
