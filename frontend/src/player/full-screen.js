// Leaves full screen while a question is asked, and goes back with the press that answers it. iPhones show the bare video full screen.

export class FullScreen {
  #left = false;

  constructor(player, root = document) {
    Object.assign(this, { player, root });
  }

  leave() {
    const video = this.player.querySelector("video");
    if (video?.webkitDisplayingFullscreen) video.webkitExitFullscreen();
    this.#left = this.root.fullscreenElement != null;
    if (this.#left) this.root.exitFullscreen().catch(() => {});
  }

  goBack() {
    if (this.#left) this.player.requestFullscreen?.().catch(() => {});
    this.#left = false;
  }
}
