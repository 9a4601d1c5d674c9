// Browsers come from the machine (see test/runner/browsers.ts), never from puppeteer's own download:
// that download fails wherever only the npm registry can be reached, and then so does `npm install`.
module.exports = { skipDownload: true };
