import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/base/catalogue', alias: '/catalogue', component: () => import('./CataloguePage.vue') },
    { path: '/base/catalogue/:id', component: () => import('./EntryPage.vue'), props: true },
  ],
}
export default manifest
