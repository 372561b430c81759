// Ponder wants one; nobody asks it.
import { Hono } from 'hono'

export default new Hono()
