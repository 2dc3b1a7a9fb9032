import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

/** The pages, built into web/dist; scripts/setup.mjs and the Dockerfile run it, src/http serves what comes out. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [compressed()],
  build: {
    outDir: path.join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    // A data: address would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // A chunk each for what all pages and what all charts share: each more is a request while somebody waits for a page.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'charts', test: /web\/src\/charts|node_modules\/uplot/, minShareCount: 2, priority: 1 },
            { name: 'shared', test: /web\/src|node_modules/, minShareCount: 2 },
          ],
        },
      },
    },
  },
});

/** Writes each text file also as .gz and .br: compressed once here, and never while somebody waits. */
function compressed() {
  return {
    name: 'compressed',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          if (!/\.(js|css|html|svg)$/.test(fileName)) continue;
          const source = Buffer.from(file.type === 'chunk' ? file.code : file.source);
          const params = { [constants.BROTLI_PARAM_SIZE_HINT]: source.length };
          this.emitFile({
            type: 'asset',
            fileName: `${fileName}.gz`,
            source: gzipSync(source, { level: 9 }),
          });
          this.emitFile({
            type: 'asset',
            fileName: `${fileName}.br`,
            source: brotliCompressSync(source, { params }),
          });
        }
      },
    },
  };
}
