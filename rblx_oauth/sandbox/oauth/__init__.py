"""The sandbox's authorization server: Authlib's, behind Roblox's paths."""
