"""The look of both rooms: one style sheet, the base templates and the template tags they share.

No models and no verbs. What must hold: nothing inline and nothing from outside (strict CSP), no
meaning by colour alone, WCAG 2.2 AA, no sideways scrolling at 360 px, and one 404 page for what is
hidden and what is missing. The public's pages extend ``look/public.html``, the staff's ``look/staff.html``.
"""
