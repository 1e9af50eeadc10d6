import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/facilities/rooms', component: () => import('./RoomsPage.vue') }],
}
export default manifest
