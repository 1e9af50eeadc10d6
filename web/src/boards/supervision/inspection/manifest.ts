import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/supervision/inspection', alias: '/inspection', component: () => import('./OrdersPage.vue') },
    { path: '/supervision/inspection/:id', alias: '/inspection/:id', component: () => import('./VisitPage.vue'), props: true },
  ],
}
export default manifest
