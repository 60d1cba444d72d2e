from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("verification", "0002_who_cleared_an_alarm")]

    operations = [
        migrations.AlterField(
            model_name="verdict",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("passed", "Passed"),
                    ("failed_residual", "Failed: residual"),
                    ("failed_witness", "Failed: not the ledger's noise or steps"),
                    ("failed_over_forgotten", "Failed: over-forgotten"),
                    ("inconclusive", "Inconclusive"),
                ],
                max_length=24,
            ),
        ),
    ]
