from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0020_accountability'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='acknowledged_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='answer_by',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='outcome',
            field=models.CharField(blank=True, default='', max_length=40),
            preserve_default=False,
        ),
    ]
