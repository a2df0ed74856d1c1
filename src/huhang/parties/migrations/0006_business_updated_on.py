from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0005_token'),
    ]

    operations = [
        migrations.AddField(
            model_name='business',
            name='updated_on',
            field=models.DateField(null=True),
        ),
    ]
