// A shelf of IndexedDB, which unlike local storage is on the disk a moment later, not when the browser finds time.
export function openShelf(factory, name, shelf) {
  const database = new Promise((resolve, reject) => {
    const opening = factory.open(name, 1);
    opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(shelf));
    opening.addEventListener("success", () => resolve(opening.result));
    opening.addEventListener("error", () => reject(opening.error));
    opening.addEventListener("blocked", () => reject(new Error("blocked")));
  });
  const ask = async (mode, question) => {
    const store = (await database).transaction(shelf, mode).objectStore(shelf);
    const request = question(store);
    return new Promise((resolve, reject) => {
      store.transaction.addEventListener("complete", () => resolve(request.result));
      store.transaction.addEventListener("abort", () => reject(store.transaction.error));
    });
  };
  database.catch(() => {}); // a browser that refuses has no shelf: each question below then says so
  return {
    put: (key, value) => ask("readwrite", (store) => store.put(value, key)),
    get: (key) => ask("readonly", (store) => store.get(key)),
    remove: (key) => ask("readwrite", (store) => store.delete(key)),
    keys: () => ask("readonly", (store) => store.getAllKeys()),
    all: () => ask("readonly", (store) => store.getAll()),
  };
}
