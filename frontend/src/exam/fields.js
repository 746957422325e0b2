// Reads and fills what one item is answered with: options that are ticked, or one text for each place.

function inputs(question) {
  return [...question.querySelectorAll("input, select, textarea")];
}

function isChoice(input) {
  return input.type === "radio" || input.type === "checkbox";
}

// The answer as the API takes it: chosen option keys, or the text of each place.
export function value(question) {
  const all = inputs(question);
  const chosen = all.filter((input) => !isChoice(input) || input.checked).map((input) => input.value);
  return chosen.some((text) => text !== "") ? chosen : [];
}

export function fill(question, answer) {
  inputs(question).forEach((input, place) => {
    if (isChoice(input)) input.checked = answer.includes(input.value);
    else input.value = answer[place] ?? "";
  });
}
