import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/supervision/inspection', component: () => import('./OrdersPage.vue') },
    { path: '/supervision/inspection/:id', component: () => import('./VisitPage.vue'), props: true },
    { path: '/inspection/:id?', redirect: (to) => `/supervision/inspection${to.params.id ? `/${String(to.params.id)}` : ''}` },
  ],
}
export default manifest
