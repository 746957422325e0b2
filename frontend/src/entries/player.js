// What a page with a video carries: <video-js id="player" …>, for learners with a lease, with data-preview for reviewers without, with data-room
// for the screen of a classroom.
import { bindLecturePage } from "../player/lecture-page.js";
import { bindPreview } from "../player/preview.js";
import { bindRoomPage } from "../player/room-page.js";

const element = document.getElementById("player");
if (element) {
  if ("preview" in element.dataset) bindPreview(element);
  else if ("room" in element.dataset) bindRoomPage(element);
  else bindLecturePage(element);
}
