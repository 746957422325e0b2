// What every page carries; each part is bound by data attributes and the page works without it.
import { bindConfirm } from "../confirm.js";
import { bindEnlarge } from "../enlarge.js";
import { focusError } from "../error-focus.js";
import { bindMenus } from "../menu.js";
import { bindNumberGuard } from "../number-guard.js";
import { bindPoll } from "../poll.js";
import { bindSession } from "../session/bind.js";
import { bindSubmitOnce } from "../submit-once.js";
import { bindUnitPickers } from "../unit-picker.js";

bindSession();
bindConfirm();
bindSubmitOnce();
bindUnitPickers();
bindMenus();
bindNumberGuard();
bindPoll();
bindEnlarge();
focusError();
