"""What both colours of the Redis store share: scripts, rows, and what errors mean.

Neither colour: `rblx_oauth._async.stores.redis` and its twin do what stands here. redis-py is
imported here, by what carries their commands (`rblx_oauth._async.redis_link`), and where rate
budgets are counted in Redis.
"""
