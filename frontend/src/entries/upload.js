// The form of an author that sends a large file; see ../upload/form.js.
import { bindUpload } from "../upload/form.js";

bindUpload();
