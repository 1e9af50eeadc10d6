import type { Manifest } from '@/kernel/shell/routes'

const ORDER = 'supervision.inspection.order'

const manifest: Manifest = {
  routes: [
    { path: '/supervision/inspection', alias: '/inspection', component: () => import('./OrdersPage.vue') },
    { path: '/supervision/inspection/:id', alias: '/inspection/:id', component: () => import('./VisitPage.vue'), props: true },
  ],
  recordPages: { [ORDER]: (id) => `/supervision/inspection/${encodeURIComponent(id)}` },
}
export default manifest
