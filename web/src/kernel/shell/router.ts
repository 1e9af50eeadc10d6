import { createRouter, createWebHistory } from 'vue-router'
import { whenSignedOut } from '../api/client'
import { loadMeta, meta } from '../meta'
import { forgetSession, loadSession, session } from '../session'
import { genericRoutes, moduleRoutes } from './routes'

export const router = createRouter({
  history: createWebHistory(),
  routes: [...moduleRoutes, ...genericRoutes],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? {} : { top: 0 }),
})

router.beforeEach(async (to) => {
  if (!session.asked.value) await loadSession().catch(() => undefined)
  if (to.meta.open) {
    if (session.signedIn.value && !meta.value) await loadMeta().catch(() => undefined)
    return true
  }
  if (!session.signedIn.value) return { path: '/signin', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (!meta.value) await loadMeta()
  return true
})

whenSignedOut(() => {
  if (!session.signedIn.value) return
  forgetSession()
  void router.push({ path: '/signin', query: { next: router.currentRoute.value.fullPath, ended: '1' } })
})
