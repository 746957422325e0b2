import assert from "node:assert/strict";
import { test } from "node:test";

import { bindMock } from "../src/practice/mock.js";

class Form extends EventTarget {
  constructor(seconds) {
    super();
    this.action = "/practice/mock-exams/1";
    this.parts = {};
    this.submitted = [];
    const now = Date.now();
    this.dataset = {
      deadline: new Date(now + seconds * 1000).toISOString(), serverTime: new Date(now).toISOString(),
      textLeft: "left {time}", textMinutes: "{count} min", textSaved: "saved", textSaving: "saving", textFailed: "failed",
    };
  }
  querySelector(selector) { return (this.parts[selector] ??= { textContent: "", name: selector }); }
  requestSubmit(button) { this.submitted.push(button.name); }
  get status() { return this.querySelector("[data-mock-status]").textContent; }
}

globalThis.FormData = class { set(name, value) { this[name] = value; } };
const after = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

test("several changes in a moment are one silent save", async () => {
  const form = new Form(600);
  const sent = [];
  const clock = bindMock(form, { wait: 20, send: async (path, { body }) => { sent.push([path, body.quiet]); return { status: 204 }; } });
  for (let n = 0; n < 3; n += 1) form.dispatchEvent(new Event("input"));
  await after(80);
  clock.stop();
  assert.deepEqual(sent, [["/practice/mock-exams/1", "1"]]);
  assert.equal(form.status, "saved");
});

test("what is not acknowledged is not called saved: a redirect to the sign-in, an error, no line", async () => {
  for (const send of [async () => ({ type: "opaqueredirect", status: 0 }), async () => ({ status: 500 }), async () => { throw new TypeError("no line"); }]) {
    const form = new Form(600);
    const clock = bindMock(form, { wait: 1, send });
    form.dispatchEvent(new Event("input"));
    await after(40);
    clock.stop();
    assert.equal(form.status, "failed");
  }
});

test("at the bell the paper is handed in once", async () => {
  const form = new Form(0.2);
  bindMock(form, { send: async () => ({ status: 204 }) });
  await after(1600);
  assert.deepEqual(form.submitted, ["[name=hand-in]"]);
});
