import type { Manifest } from '@/kernel/shell/routes'
import { PROFILE } from './targeting'

const manifest: Manifest = {
  routes: [
    { path: '/supervision/targeting', alias: '/targeting', component: () => import('./DeskPage.vue') },
    { path: '/supervision/targeting/profiles/:id', component: () => import('./ProfilePage.vue'), props: true },
  ],
  recordPages: { [PROFILE]: (id) => `/supervision/targeting/profiles/${encodeURIComponent(id)}` },
}
export default manifest
