// Runs with @renmu/bili-api beside it: uploads what it is told, tells its events, a line of JSON each.
// The arguments are the library's folder, and JSON: `url` of the sandbox's bilibili, `pages`,
// `cover`, `meta`, `cookies`.
import http from "node:http";
import https from "node:https";
import { pathToFileURL } from "node:url";

const [library, text] = process.argv.slice(2);
const asked = JSON.parse(text);
const sandbox = new URL(asked.url);
const told = (line) => console.log(JSON.stringify(line));

// All that goes to bilibili's hosts goes to the sandbox, and nothing elsewhere.
https.request = (options, answered) => {
  const here = options.hostname === sandbox.hostname;
  const headers = Object.fromEntries(
    Object.entries(options.headers).filter(([name]) => name.toLowerCase() !== "host"),
  );
  return http.request(
    {
      method: options.method,
      headers,
      hostname: sandbox.hostname,
      port: sandbox.port,
      path: (here ? "" : sandbox.pathname) + options.path,
    },
    answered,
  );
};

const { Auth, Platform, WebVideoUploader } = await import(pathToFileURL(`${library}/dist/index.js`));
const auth = new Auth();
auth.setAuth(asked.cookies, 1);
try {
  const videos = [];
  for (const page of asked.pages) {
    const uploader = new WebVideoUploader(page, auth, { retryDelay: 10 });
    uploader.on("progress", ({ event }) => told({ event }));
    videos.push(await uploader.upload());
  }
  const platform = new Platform(auth);
  told({ done: await platform.addMediaWebApiV3(videos, { ...asked.meta, cover: asked.cover }) });
} catch (error) {
  told({ error: String(error) });
}
