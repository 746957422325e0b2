// The live board of an exam.
import { bindBoard } from "../exam/board.js";

const board = document.querySelector("[data-exam-board]");
if (board) bindBoard(board);
