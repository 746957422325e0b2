// The paper of a mock exam: the time left, saves behind the scenes, hand-in at the bell.
import { bindMock } from "../practice/mock.js";

const paper = document.querySelector("[data-mock-exam]");
if (paper) bindMock(paper);
