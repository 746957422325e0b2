// The paper of an exam and, on its result page, the wiping of what this browser kept of it.
import { LocalCopy } from "../exam/local-copy.js";
import { bindPaper } from "../exam/paper.js";

const paper = document.querySelector("[data-exam-paper]");
if (paper) bindPaper(paper);
for (const element of document.querySelectorAll("[data-exam-forget]")) new LocalCopy(element.dataset.examForget).forget();
