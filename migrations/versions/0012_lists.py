"""Indexes for lists that stay quick when the plan grows: the usual order, and what lies below a path."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WORST_FIRST = "(CASE light WHEN 'red' THEN 0 WHEN 'yellow' THEN 1 WHEN 'grey' THEN 2 ELSE 3 END)"


def upgrade() -> None:
    """Two indexes."""
    columns = [sa.text(WORST_FIRST), sa.text("(due IS NULL)"), "due", "task_id", "id"]
    op.create_index("ix_assignment_worst", "assignment", columns)
    op.create_index("ix_organisation_below", "organisation", ["path"], postgresql_ops={"path": "text_pattern_ops"})


def downgrade() -> None:
    """Without them."""
    op.drop_index("ix_organisation_below", "organisation")
    op.drop_index("ix_assignment_worst", "assignment")
