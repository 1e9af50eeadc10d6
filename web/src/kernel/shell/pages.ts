import type { ModuleMeta, PageLink } from '../api/types'
import { router } from './router'

/** Pages that the meta names and this client has; a page of a newer server is left out. */
export function pagesOf(board: string, module: ModuleMeta): PageLink[] {
  const named = module.pages.filter((p) => hasPage(p.path))
  return named.length ? named : ownPages(board, module)
}

function hasPage(path: string): boolean {
  const found = router.resolve(path).matched.at(-1)
  return found !== undefined && !found.path.startsWith('/:rest')
}

/** A module whose folder brings a page is linked even when the meta does not list it. */
function ownPages(board: string, module: ModuleMeta): PageLink[] {
  const path = `/${board}/${module.name}`
  return hasPage(path) ? [{ path, title: module.title }] : []
}
