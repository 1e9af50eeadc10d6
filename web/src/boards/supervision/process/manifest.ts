import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/supervision/process/:id', component: () => import('./CasePage.vue'), props: true }],
  recordPages: { 'supervision.process.case': (id) => `/supervision/process/${encodeURIComponent(id)}` },
}
export default manifest
