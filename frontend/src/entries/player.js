// What a page with a video carries: <video-js id="player" …>, for learners with a lease, with data-preview for reviewers without.
import { bindLecturePage } from "../player/lecture-page.js";
import { bindPreview } from "../player/preview.js";

const element = document.getElementById("player");
if (element) ("preview" in element.dataset ? bindPreview : bindLecturePage)(element);
