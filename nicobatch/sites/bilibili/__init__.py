"""bilibili: unofficial, unproven against the live site, used only where a manifest names it."""
