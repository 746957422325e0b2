// The editor of items by keyboard: Ctrl+Enter saves, Alt+P previews, Alt+O (or Enter in the last option) adds an option. Without scripts the buttons do it.
import { bindItemEditor } from "../item-editor.js";

bindItemEditor();
