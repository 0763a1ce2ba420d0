"""What both colours of the Redis store share: scripts, rows, and what errors mean.

Neither colour: `rblx_oauth._async.stores.redis` and its twin do what stands here. redis-py is
imported here, in those two modules and in `rblx_oauth.runtime.redis_*` only.
"""
