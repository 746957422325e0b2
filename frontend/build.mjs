// Bundles every file directly in src/entries/ into lms/static/dist with hashed names and a manifest.json, and copies the certificate fonts.
import { copyFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const entries = join(here, "src", "entries");
const dist = join(here, "..", "lms", "static", "dist");
const fonts = join(here, "..", "lms", "assets", "fonts");
const fontPackage = join(here, "node_modules", "@embedpdf", "fonts-sc", "fonts");
const fontWeights = ["Regular", "Bold"];

// The site has one light look. Browsers in the field that lack light-dark() would drop the whole declaration.
function lightOnly(css) {
  const opening = "light-dark(";
  let out = "";
  let from = 0;
  for (let at = css.indexOf(opening); at !== -1; at = css.indexOf(opening, from)) {
    out += css.slice(from, at);
    let depth = 1;
    let comma = -1;
    let end = at + opening.length;
    for (; depth > 0; end += 1) {
      if (css[end] === "(") depth += 1;
      else if (css[end] === ")") depth -= 1;
      else if (css[end] === "," && depth === 1 && comma === -1) comma = end;
    }
    out += lightOnly(css.slice(at + opening.length, comma));
    from = end;
  }
  return out + css.slice(from);
}

const vendorStyles = {
  name: "vendor-styles",
  setup(bundler) {
    bundler.onLoad({ filter: /tabler\.css$/ }, async ({ path }) => ({
      contents: lightOnly(await readFile(path, "utf8")),
      loader: "css",
    }));
    // The content security policy allows fonts from our own files only, not from data: addresses.
    bundler.onLoad({ filter: /video-js\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        /url\(data:application\/font-woff[^)]*\)/,
        'url("videojs-font/fonts/VideoJS.woff")',
      ),
      loader: "css",
    }));
  },
};

async function bundle() {
  const names = (await readdir(entries)).filter((name) => /\.(js|css|svg)$/.test(name)).sort();
  const result = await build({
    absWorkingDir: here,
    entryPoints: names.map((name) => join(entries, name)),
    outdir: dist,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    splitting: false,
    format: "iife",
    target: ["chrome90", "edge90", "firefox90", "safari14.1"],
    charset: "utf8",
    legalComments: "linked",
    loader: { ".woff": "file", ".svg": "copy" },
    plugins: [vendorStyles],
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const manifest = {};
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(file);
  }
  await mkdir(dist, { recursive: true });
  for (const file of result.outputFiles) await writeFile(file.path, file.contents);
  const manifestPath = join(dist, "manifest.json");
  await writeFile(`${manifestPath}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${manifestPath}.new`, manifestPath);
  const kept = new Set([...result.outputFiles.map((file) => basename(file.path)), "manifest.json"]);
  for (const name of await readdir(dist)) if (!kept.has(name)) await rm(join(dist, name), { recursive: true });
  for (const [name, file] of Object.entries(manifest)) console.log(`${name} -> ${relative(process.cwd(), join(dist, file))}`);
}

async function copyFonts() {
  await mkdir(fonts, { recursive: true });
  for (const weight of fontWeights) {
    const source = join(fontPackage, `NotoSansHans-${weight}.otf`);
    const target = join(fonts, `NotoSansSC-${weight}.otf`);
    const present = await stat(target).catch(() => null);
    if (present?.size === (await stat(source)).size) continue;
    await copyFile(source, `${target}.new`);
    await rename(`${target}.new`, target);
  }
}

await Promise.all([bundle(), copyFonts()]);
