import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionWatch } from "../src/session/watch.js";

const ME = { id: "me", duty: null };

// A page with a clock of its own, and a server at which the sign-in lasts `idle` seconds after the last act.
class Page {
  now = 0;
  timer = null;
  log = [];
  reachable = true;
  user = ME;
  acts = 0;
  idle = 600;

  constructor({ stayAlive = false } = {}) {
    this.endsAt = this.idle;
    this.watch = new SessionWatch({
      api: { state: async () => this.#state(), act: async () => this.#act() },
      view: {
        warn: (seconds, answers) => {
          this.answers = answers;
          this.log.push("warn");
        },
        hush: () => this.log.at(-1) === "warn" && this.log.push("hush"),
        signIn: () => {
          this.log.push("ask");
          return new Promise((resolve) => {
            this.comeBack = (user = ME) => {
              this.user = user;
              this.endsAt = this.now / 1000 + this.idle;
              resolve({ token: "new", user });
            };
          });
        },
        renew: (token) => (this.token = token),
        stranger: () => this.log.push("stranger"),
        leave: () => this.log.push("leave"),
      },
      userId: "me",
      secondsLeft: this.idle,
      stayAlive,
      now: () => this.now,
      timers: { setTimeout: (call, ms) => (this.timer = { call, at: this.now + ms }), clearTimeout: () => (this.timer = null) },
    });
  }

  #state() {
    if (!this.reachable) return null;
    const left = Math.max(0, this.endsAt - this.now / 1000);
    return left > 0 ? { signed_in: true, seconds_left: left, csrf_token: "token", user: this.user } : { signed_in: false, seconds_left: 0, user: null };
  }

  #act() {
    this.acts += 1;
    if (!this.reachable) return null;
    if (this.endsAt > this.now / 1000) this.endsAt = this.now / 1000 + this.idle;
    return true;
  }

  async pass(seconds) {
    for (let second = 0; second < seconds; second += 1) {
      this.now += 1_000;
      if (this.timer && this.timer.at <= this.now) {
        const { call } = this.timer;
        this.timer = null;
        call();
      }
      await new Promise(setImmediate);
    }
  }
}

test("a page left alone warns two minutes before the end, and asks for the sign-in when it is over", async () => {
  const page = new Page();
  await page.pass(479);
  assert.deepEqual(page.log, []);
  await page.pass(3);
  assert.deepEqual(page.log, ["warn"]);
  await page.pass(125);
  assert.deepEqual(page.log, ["warn", "hush", "ask"]);
  assert.equal(page.acts, 0);
});

test("who answers the warning stays", async () => {
  const page = new Page();
  await page.pass(500);
  page.answers.stay();
  await page.pass(300);
  assert.deepEqual(page.log, ["warn", "hush"]);
  assert.equal(page.watch.sure, true);
});

test("who types or clicks is not warned: the server is told now and then", async () => {
  const page = new Page();
  for (let minute = 0; minute < 60; minute += 1) {
    page.watch.act();
    await page.pass(60);
  }
  assert.deepEqual(page.log, []);
  assert.ok(page.acts >= 5 && page.acts <= 20, String(page.acts));
});

test("an act elsewhere counts: another tab keeps this one quiet", async () => {
  const page = new Page();
  await page.pass(470);
  page.endsAt = page.now / 1000 + page.idle;
  await page.pass(60);
  assert.deepEqual(page.log, []);
});

test("a lecture or an exam stays alive for hours without a touch", async () => {
  const page = new Page({ stayAlive: true });
  await page.pass(3 * 3600);
  assert.deepEqual(page.log, []);
  assert.equal(page.watch.sure, true);
});

test("what waits for the check goes on after signing in again", async () => {
  const page = new Page();
  page.now = 700_000; // the lid was closed
  assert.equal(page.watch.sure, false);
  const waiting = page.watch.check();
  await page.pass(1);
  assert.deepEqual(page.log, ["ask"]);
  page.comeBack();
  assert.equal(await waiting, true);
  assert.equal(page.watch.sure, true);
  assert.equal(page.token, "token");
});

test("many who ask at once ask for one sign-in", async () => {
  const page = new Page();
  page.now = 700_000;
  const waiting = [page.watch.check(), page.watch.check()];
  await page.pass(1);
  waiting.push(page.watch.check());
  page.comeBack();
  assert.deepEqual(await Promise.all(waiting), [true, true, true]);
  assert.deepEqual(page.log, ["ask"]);
});

test("somebody else who signed in with this browser gets nothing of this page", async () => {
  const page = new Page();
  page.user = { id: "other", duty: null };
  assert.equal(await page.watch.check(), false);
  assert.deepEqual(page.log, ["stranger"]);
  assert.equal(page.token, undefined);
});

test("signing in as somebody else is no way back", async () => {
  const page = new Page();
  page.now = 700_000;
  const waiting = page.watch.check();
  await page.pass(1);
  page.comeBack({ id: "other", duty: null });
  assert.equal(await waiting, false);
  assert.deepEqual(page.log, ["ask", "stranger"]);
});

test("without a network nothing is asked, and it is tried again", async () => {
  const page = new Page();
  page.reachable = false;
  await page.pass(700);
  assert.deepEqual(page.log, []);
  page.reachable = true;
  await page.pass(35);
  assert.deepEqual(page.log, ["ask"]);
});
