"""Pictures of costs, advice and simulated days. Only this package imports matplotlib, and only when it draws."""
