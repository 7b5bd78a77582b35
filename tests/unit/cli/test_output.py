"""What a verb says to people."""

from rich.table import Column

from delea.cli.output import Output


def test_columns_that_serve_two_tables_hold_the_rows_of_each(capsys):
    columns = ["name", Column("number", justify="right")]
    out = Output(as_json=False)
    out.table(columns, [("first", 1)])
    capsys.readouterr()
    out.table(columns, [("second", 2)])
    said = capsys.readouterr().out
    assert "2" in said
    assert "1" not in said
