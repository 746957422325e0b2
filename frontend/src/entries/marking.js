// The page on which somebody marks one answer.
import { bindMarking } from "../marking.js";

for (const form of document.querySelectorAll("[data-marking]")) bindMarking(form);
