import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const port = process.env.KOUAN_PORT ?? '8000'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../src/kouan/app/http/static',
    emptyOutDir: true,
    target: 'es2022',
    // MapLibre alone is larger than the default limit; it is loaded by the map route only.
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { '/api': `http://127.0.0.1:${port}` } },
  // One window for the files of a worker: to make it anew for each takes three quarters of the time.
  test: { environment: 'happy-dom', isolate: false, include: ['src/**/*.test.ts'] },
})
