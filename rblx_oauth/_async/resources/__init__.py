"""What people use daily, as objects: thin, over the calls of `rblx_oauth.api`."""
