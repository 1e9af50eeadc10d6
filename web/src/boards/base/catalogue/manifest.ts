import type { Manifest } from '@/kernel/shell/routes'
import { GRANT, grantRoute } from './catalogue'

const manifest: Manifest = {
  routes: [
    { path: '/base/catalogue', alias: '/catalogue', component: () => import('./CataloguePage.vue') },
    { path: '/base/catalogue/grants/:id', component: () => import('./GrantPage.vue'), props: true },
    { path: '/base/catalogue/:id', component: () => import('./EntryPage.vue'), props: true },
  ],
  recordPages: { [GRANT]: grantRoute },
}
export default manifest
