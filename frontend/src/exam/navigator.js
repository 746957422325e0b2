// Shows one item at a time, or all of them, and which of them have an answer.

export class Navigator {
  constructor(form) {
    this.form = form;
    this.texts = form.dataset;
    this.questions = [...form.querySelectorAll("[data-exam-question]")];
    this.numbers = new Map([...form.querySelectorAll("[data-exam-number]")].map((link) => [Number(link.dataset.examNumber), link]));
    this.steps = form.querySelector("[data-exam-steps]");
    this.previous = form.querySelector("[data-exam-previous]");
    this.next = form.querySelector("[data-exam-next]");
    this.mode = form.querySelector("[data-exam-mode]");
    this.previous.addEventListener("click", () => this.go(this.current - 1));
    this.next.addEventListener("click", () => this.go(this.current + 1));
    this.mode.addEventListener("click", () => this.page(!this.paged));
    for (const [position, link] of this.numbers) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.go(position);
      });
    }
    this.mode.hidden = false;
    const asked = Number(/^#q(\d+)$/.exec(window.location.hash)?.[1]);
    this.show(this.numbers.has(asked) ? asked : 1);
    this.page(true);
  }

  page(paged) {
    this.paged = paged;
    this.form.classList.toggle("exam-paged", paged);
    this.steps.hidden = !paged;
    this.mode.textContent = paged ? this.texts.textAll : this.texts.textOne;
  }

  go(position) {
    this.show(position);
    const question = this.questions[position - 1];
    question.focus({ preventScroll: true });
    question.scrollIntoView({ block: this.paged ? "nearest" : "start" });
    if (this.paged) window.scrollTo({ top: 0 });
  }

  show(position) {
    this.current = position;
    for (const question of this.questions) question.classList.toggle("is-current", Number(question.dataset.examQuestion) === position);
    for (const [number, link] of this.numbers) {
      if (number === position) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.numbers.get(position).parentElement.parentElement.scrollTo?.({ left: this.numbers.get(position).offsetLeft - 120 });
    this.previous.disabled = position === 1;
    this.next.disabled = position === this.questions.length;
  }

  mark(position, answered) {
    this.numbers.get(position).classList.toggle("is-answered", answered);
    this.#tell(position);
  }

  flag(position, on) {
    this.numbers.get(position).classList.toggle("is-flagged", on);
    this.#tell(position);
  }

  #tell(position) {
    const link = this.numbers.get(position);
    const words = [link.classList.contains("is-answered") ? this.texts.textAnswered : this.texts.textUnanswered];
    if (link.classList.contains("is-flagged")) words.push(this.texts.textFlagged);
    link.querySelector("[data-exam-answered]").textContent = words.join(" ");
  }

  unanswered() {
    return [...this.numbers].filter(([, link]) => !link.classList.contains("is-answered")).map(([position]) => position);
  }
}
