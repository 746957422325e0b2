// The paper of an exam and, on its result page, the wiping of what this browser kept of it.
import { forget } from "../exam/local-copy.js";
import { bindPaper } from "../exam/paper.js";

const paper = document.querySelector("[data-exam-paper]");
if (paper) bindPaper(paper);
for (const element of document.querySelectorAll("[data-exam-forget]")) forget(element.dataset.examForget);
